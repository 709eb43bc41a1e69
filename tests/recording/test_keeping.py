"""What is written down of a recorded run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Moment, Try
from sniper.recording.keeping import Recorded, keep_scrubbed
from sniper.recording.recorder import Step, Taken
from sniper.sites.library import find_profile, load_profile

SITE = datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)
MACHINE = datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC)
LONG = "550e8400-e29b-41d4-a716-446655440000"


def test_what_was_fired_is_told_with_both_clocks_all_presses_and_the_number_as_pages_will_show_it(
    tmp_path: Path,
) -> None:
    profile = load_profile(find_profile("practice", tmp_path))
    chain = tuple(Slot("X1", f"X1 {name}", SITE + timedelta(days=3)) for name in "AB")
    pressed = [Moment(SITE, Mark.FIRED, chain[0])] * 3
    result = AttemptResult(
        Attempt("anna", chain, Role.LEAD),
        (Try(chain[0], Outcome.BOOKED, SITE, timedelta(0), reference=LONG),),
        tuple(pressed),
    )
    taken = Taken("anna", tmp_path / "account-1", steps=[Step(SITE, MACHINE, "booked", [], result)])
    (tmp_path / "account-1").mkdir()
    (tmp_path / "runs").mkdir()
    about = Recorded(7, profile, "armed", presses=True)
    assert keep_scrubbed(about, [taken], tmp_path / "drafts", tmp_path / "runs", ()) == []

    document = json.loads((tmp_path / "runs" / "recording.json").read_text(encoding="utf-8"))
    ((step,),) = [one["steps"] for one in document["accounts"]]
    assert (step["at"], step["recorded_at"]) == (SITE.isoformat(), MACHINE.isoformat())
    assert [one["sub_location"] for one in step["chain"]] == ["X1 A", "X1 B"]
    assert (step["presses"], step["tries"][0]["reference"]) == (3, "***")
