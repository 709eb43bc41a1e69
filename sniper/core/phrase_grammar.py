"""The grammar of schedules in words, for lark: what is a word in it, and how words come together."""

EXAMPLES = (
    "every Friday at 10:00",
    "every other Friday at 10:00 starting 2027-01-08",
    "weekdays at 8am until 2027-06-30",
    "every first Monday of the month at 9:00",
    "2027-01-08 at 10:00",
)
"""What can be read."""

_MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|mrz|apr(?:il)?|may|mai|june?|juni|july?|juli"
    r"|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
_ENGLISH_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_GERMAN_DAY = "(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)"
_SHORT_DAY = "mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"
_NTH = "(?:st|nd|rd|th)"

GRAMMAR = rf"""
start: part+

?part: weekly | weekly_apart | one_weekday | workdays | weekends | daily | daily_apart
     | numbered | biweekly | day | at | starting | until | times | without | relative

weekly: EVERY weekdays | ON? plurals | WEEKLY ON weekdays
weekly_apart: EVERY OTHER weekdays | EVERY apart WEEK ON weekdays | FORTNIGHTLY ON weekdays
one_weekday: ON? WEEKDAY
workdays: (EVERY | ON)? WORKDAYS
weekends: (EVERY | ON)? WEEKENDS
daily: DAILY | EVERY DAY
daily_apart: EVERY apart DAY
numbered: EVERY ordinals (weekdays | DAY)? (OF THE? MONTH)?
        | ON? THE? ordinals (weekdays | DAY)? OF (EVERY | THE) MONTH
        | (EVERY MONTH | MONTHLY) ON THE? ordinals (weekdays | DAY)?
biweekly: BIWEEKLY (ON? weekdays)?
day: ON? _date
at: AT? (CLOCK | HOUR | NOON) | AT NUMBER
starting: STARTING _date
until: UNTIL _date
times: FOR? NUMBER TIMES
without: EXCEPT _date (AND? _date)*
relative: ON? RELATIVE WEEKDAY?

weekdays: WEEKDAY (AND? WEEKDAY)*
plurals: PLURAL (AND? PLURAL)*
ordinals: (ORDINAL | NTH) (AND? (ORDINAL | NTH))*
apart: OTHER | NUMBER
_date: ISO | DOTTED | WRITTEN | SLASHED

EVERY.2: /(?:every|each|jede[nrs]?|alle)\b/i
OTHER.2: /other\b/i
WEEK.2: /(?:weeks?|wochen?)\b/i
DAY.2: /(?:days?|tage?)\b/i
MONTH.2: /(?:months?|monate?s?)\b/i
DAILY.2: /(?:daily|täglich)\b/i
WEEKLY.2: /(?:weekly|wöchentlich)\b/i
FORTNIGHTLY.2: /(?:fortnightly)\b/i
BIWEEKLY.2: /bi-?weekly\b/i
MONTHLY.2: /(?:monthly|monatlich)\b/i
WORKDAYS.2: /(?:weekdays?|workdays?|working days?)\b/i
WEEKENDS.2: /(?:weekends?|wochenenden?)\b/i
WEEKDAY.2: /(?:{_ENGLISH_DAY}|{_GERMAN_DAY}|{_SHORT_DAY})\b/i
PLURAL.2: /(?:{_ENGLISH_DAY}|{_GERMAN_DAY})s\b/i
ORDINAL.2: /(?:first|second|third|fourth|last|(?:ers|zwei|drit|vier|letz)ten?)\b/i
NTH.2: /\d{{1,2}}{_NTH}\b/i
THE.2: /(?:the|den|dem)\b/i
OF.2: /(?:of|im|des)\b/i
ON.2: /(?:on|am)\b/i
AT.2: /(?:at|um)\b/i
AND.2: /(?:and|und)\b/i
FOR.2: /for\b/i
TIMES.2: /(?:times|mal)\b/i
STARTING.2: /(?:(?:starting|beginning)(?: on| from)?|from|ab|vom)\b/i
UNTIL.2: /(?:until|till|to|bis(?: zum)?)\b/i
EXCEPT.2: /(?:except|au(?:ß|ss)er)(?: on| am)?\b/i
NOON.2: /(?:noon|mittags?)\b/i
RELATIVE.2: /(?:today|tomorrow|next|this|heute|morgen|nächsten?)\b/i
ISO.3: /\d{{4}}-\d{{2}}-\d{{2}}\b/
DOTTED.3: /\d{{1,2}}\.\s?\d{{1,2}}\.\s?\d{{4}}\b/
WRITTEN.3: /\d{{1,2}}(?:{_NTH}|\.)?\s+{_MONTH}\s+\d{{4}}\b/i | /{_MONTH}\s+\d{{1,2}}{_NTH}?,?\s+\d{{4}}\b/i
SLASHED.3: /\d{{1,4}}\/\d{{1,2}}(?:\/\d{{1,4}})?\b/
CLOCK.2: /\d{{1,2}}[:.]\d{{2}}(?:\s*(?:[ap]m|uhr|h)\b|\b)/i
HOUR.2: /\d{{1,2}}\s*(?:[ap]m|uhr|h|o'clock)\b/i
NUMBER: /(?:\d{{1,3}}|two|three|four|zwei|drei|vier)\b/i
%ignore /[\s,]+/
"""
