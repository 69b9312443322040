"""The `deploy:` section: what it takes, and what is said of what it does not."""

from __future__ import annotations

import pytest

from pressroom.campaign.load import parse_campaign
from pressroom.domain.errors import Invalid, Problem

CAMPAIGN = """\
name: spring
inputs:
  words: {type: text, default: hello}
deploy: %s
steps:
  picture: {uses: generate_image, with: {prompt: "{{ inputs.words }}"}}
"""


def problems(deploy: str) -> list[Problem]:
    with pytest.raises(Invalid) as caught:
        parse_campaign(CAMPAIGN % deploy, "c.yaml")
    return list(caught.value.problems)


def test_a_whole_section_is_read() -> None:
    text = """{name: spring-nightly, inputs: {words: hi}, concurrency: 1, overlap: cancel_older, tags: [eu],
      weight: heavy, priority: 3, window: "22:00-06:00 Europe/Berlin", not_before: "2026-12-24 06:00 Europe/Berlin",
      schedules: [{cron: "0 6 * * mon-fri", timezone: Europe/Berlin, inputs: {words: ho}}, {every: 6h, active: false}]}"""

    deploy = parse_campaign(CAMPAIGN % text, "c.yaml").campaign.deploy

    assert (deploy.name, deploy.overlap, deploy.weight, deploy.priority) == (
        "spring-nightly",
        "cancel_older",
        "heavy",
        3,
    )
    assert [(each.cron, each.every, each.active) for each in deploy.schedules] == [
        ("0 6 * * mon-fri", "", True),
        ("", "6h", False),
    ]


@pytest.mark.parametrize(
    ("deploy", "words"),
    [
        ("{schedules: [{cron: 0 6 * *}]}", "is no cron line"),
        ("{schedules: [{cron: '@daily', timezone: Europe/Berln}]}", "there is no time zone 'Europe/Berln'"),
        ("{schedules: [{every: 6 hours}]}", "is no span of time"),
        ("{schedules: [{}]}", "a schedule needs either `cron` or `every`"),
        ("{schedules: [{every: 6h, cron: '@daily'}]}", "a schedule needs either `cron` or `every`"),
        ("{schedules: [{every: 6h, inputs: {wrods: a}}]}", "the campaign has no input 'wrods'"),
        ("{inputs: {wrods: a}}", "the campaign has no input 'wrods'"),
        ("{inputs: {words: '{{ inputs.words }}'}}", "is not evaluated in deploy"),
        ("{window: 22-6}", "is no window"),
        ("{not_before: tomorrow}", "is no moment"),
        ("{overlap: skip}", "`overlap: skip` needs `concurrency`"),
        ("{overlap: cancel_older, concurrency: 2}", "goes with `concurrency: 1`"),
        ("{weight: huge}", "must be one of light, heavy, paid"),
        ("{windw: x}", "unknown key 'windw'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(deploy: str, words: str) -> None:
    (problem,) = problems(deploy)

    assert words in problem.message
    assert problem.line == 4
