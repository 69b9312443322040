"""What a sale banner sets largest: the discount, the bargain or the price."""

from __future__ import annotations

import re

from pressroom.art.facts import PRICE, SHARE

_OFF = (
    r"\s?(?:off|discount|rabatt|nachlass|günstiger|de descuento|de réduction|de remise|di sconto|korting|خصم|优惠|折扣)"
)
_UP_TO = r"(?:up\sto|bis\szu|jusqu['’]à|hasta|fino\sa|save|extra|spare|خصم)\s+"
# In the order of how much more than a price they are an offer.
_DEALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_UP_TO})?(?:up\sto\s+)?{SHARE}{_OFF}(?!\w)",
        rf"(?:up\sto\s+)?{PRICE}\s?off\b|\bsave\s+(?:up\sto\s+)?{PRICE}",
        rf"(?<!\w){_UP_TO}{SHARE}",
        rf"(?<!\w)[-−–]\s?{SHARE}",
        r"\bbuy\s\w+,?\sget\s\w+(?:\s(?:free|half\sprice))?\b|\bbogo\b|\bhalf[\s-](?:price|off)\b",
        rf"\b\d{{1,2}}\s?(?:-|\s)?(?:for|für)(?:-|\s)\s?(?:{PRICE}|\d{{1,2}}(?![\d.,:%]|\s(?:days|weeks|months|years|hours|nights|people)))|\d\s?\+\s?\d(?!\d)",
        r"\bfree\s(?:shipping|delivery)\b",
        r"[\d一二三四五六七八九半]折",
    )
)
_SALE = re.compile(
    r"\b(?:sales?|discounts?|deals?|clearance|black friday|cyber monday|promo|coupon|voucher|rabatt|soldes?|rebajas?|"
    r"sconti|saldi|angebote?|off)\b|促销|特卖|تخفيضات",
    re.IGNORECASE,
)
_SHARE = re.compile(rf"(?<!\w){SHARE}")
_PRICE = re.compile(
    rf"(?:\b(?:starting\s(?:at|from)|from|only|just|now|under|ab|nur|jetzt|à partir de|dès|desde|solo|da)\s+)?(?:{PRICE})",
    re.IGNORECASE,
)
# What stands before a price that is not the one to pay.
_FORMER = re.compile(
    r"(?:was|were|instead of|statt|reg(?:ular(?:ly)?)?\.?|originally|rrp|uvp|au lieu de|en vez de|worth|valued at|"
    r"over|above|earn|to|win(?:\s+an?)?|gift of|goal|donate|raised?|than|fee|deposit)\s*:?\s*$",
    re.IGNORECASE,
)
_GIFT = re.compile(
    r"\s+(?:voucher|gift|prize|bonus|deposit|grant|reward|brutto|gross|salary|raised|funding|revenue|profit|saved|für\b)",
    re.IGNORECASE,
)
_HANGING = re.compile(
    r"(?:^|\s+)(?:get|take|enjoy|grab|save|for|at|from|to|of|über|with|is|are|now|only|just|um|für|ab|mit|à|por|a)$",
    re.IGNORECASE,
)


def is_discount(text: str) -> bool:
    """Whether the text makes an offer that is more than a price."""
    return any(pattern.search(text) for pattern in _DEALS) or bool(_SALE.search(text) and _shares(text))


def offer_of(text: str) -> str:
    """The offer as the text spells it: a bargain before a share, a share before a price; empty where there is none."""
    for pattern in _DEALS:
        if match := pattern.search(text):
            return match[0].strip()
    if _SALE.search(text) and (shares := _shares(text)):
        return shares[0]
    prices = [
        match
        for match in _PRICE.finditer(text)
        if not _FORMER.search(text[: match.start()]) and not _GIFT.match(text[match.end() :])
    ]
    return prices[0][0].strip() if prices else ""


def _shares(text: str) -> list[str]:
    """100 % cotton and 0 % sugar are no offers."""
    found = [match[0].strip() for match in _SHARE.finditer(text)]
    return [share for share in found if re.sub(r"\D", "", share) not in ("100", "0")]


def without(text: str, offer: str) -> str:
    """The text less the offer at its start or end: 'Summer sale: 50% off' is 'Summer sale', 'Get 20% off all shoes' 'All shoes'.

    Out of the middle nothing is taken: what is left would be no sentence.
    """
    if not offer or offer not in text:
        return text
    before, _, after = text.partition(offer)
    pause = before.rstrip()[-1:] in (":", "–", "—", "-", ",")
    before = before.strip(" ,:;–—-") if pause else _HANGING.sub("", before.strip(" ,:;–—-"))
    after = after.strip(" ,:;–—.")
    if before and after:
        return text
    left = (before or after).strip()
    return left[:1].upper() + left[1:]
