"""What is somebody's own among all that was noted, and must not stand in a draft."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from sniper.documents import KeyPath
from sniper.drafting.notes import Deed, Mark, PageNote, Shown, Story, Way
from sniper.drafting.questions import Draft
from sniper.recording.personal import emails_in, names_in

LEFT_OUT = "…"
_SHORTEST = 3
_AUTHORS_OWN = ("test_id", "id", "name", "type", "place")
_CSS = ("css", "on", "into", "find", "seen", "present", "gone", "unless", "page", "sign_in_refused")


def private_in(story: Story, secrets: Collection[str], usernames: Collection[str]) -> frozenset[str]:
    """Passwords, user names, and names and addresses of people as the site's answers tell them."""
    told = [one.body for one in story.exchanges if one.body is not None]
    names = {name for body in told for name in names_in(body)}
    mails = {mail for shown in story.pages for mark in shown.page.marks for mail in emails_in(mark.text)}
    return frozenset(one for one in {*secrets, *usernames, *names, *mails} if len(one) >= _SHORTEST)


def without(story: Story, private: Collection[str]) -> Story:
    """The story without the ways to an element, and the texts of pages, that tell something private."""
    return replace(
        story,
        deeds=[_of_deed(deed, private) for deed in story.deeds],
        pages=[Shown(one.at, _of_page(one.page, private)) for one in story.pages],
    )


def leave_out(draft: Draft, private: Collection[str]) -> None:
    """Whatever is left of it in a draft is replaced, and asked for."""

    def clean(node: Any, at: KeyPath) -> Any:
        match node:
            case dict():
                return {key: clean(value, (*at, key)) for key, value in node.items()}
            case list():
                return [clean(value, (*at, index)) for index, value in enumerate(node)]
            case str():
                found = list(_found(node, private, is_css=bool(at) and at[-1] in _CSS))
                for one in found:
                    node = node.replace(one, LEFT_OUT)
                if found:
                    draft.ask(
                        at, "what stood here was somebody's own, and was left out: what has to stand here?"
                    )
        return node

    draft.document = clean(draft.document, ())


def _found(text: str, private: Collection[str], *, is_css: bool) -> Iterator[str]:
    """What is private in a text. A plain word in a selector is the site's: `#password`."""
    for one in sorted(private, key=len, reverse=True):
        if is_css and one.isalpha() and one.islower():
            continue
        if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text):
            yield one


def _of_deed(deed: Deed, private: Collection[str]) -> Deed:
    note = deed.note
    if note is None:
        return deed
    attributes = {
        name: value
        for name, value in note.attributes.items()
        if not any(_found(value, private, is_css=False))
    }
    text = "" if any(_found(note.text, private, is_css=False)) else note.text
    told = {"ways": _public(note.ways, private), "attributes": attributes, "text": text}
    return replace(deed, note=note.model_copy(update=told))


def _public(ways: tuple[Way, ...], private: Collection[str]) -> tuple[Way, ...]:
    return tuple(
        way
        for way in ways
        if not any(_found(way.css, private, is_css=way.by in _AUTHORS_OWN))
        and not any(_found(way.text or "", private, is_css=False))
    )


def _of_page(page: PageNote, private: Collection[str]) -> PageNote:
    def public(mark: Mark) -> bool:
        return not any(_found(mark.css, private, is_css=True)) and not any(
            _found(mark.text, private, is_css=False)
        )

    title = "" if any(_found(page.title, private, is_css=False)) else page.title
    marks = tuple(mark for mark in page.marks if public(mark))
    return page.model_copy(update={"title": title, "marks": marks})
