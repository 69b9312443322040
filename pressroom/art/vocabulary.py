"""Words by what they do in a prompt for a picture."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a picture is asked to be.
FORMATS = _words(
    "sign promo infographic art poster "
    "flyer flier leaflet brochure billboard image picture illustration banner advert advertisement ad photo "
    "photograph drawing diagram wireframe mockup schema flowchart flow chart architecture visual graphic artwork "
    "background database post story stories reel cover thumbnail header carousel creative template design pin tile "
    "card testimonial quote announcement campaign"
)
PLATFORMS = _words(
    "instagram insta ig facebook fb linkedin tiktok pinterest youtube twitter whatsapp snapchat threads reddit google "
    "social web website email newsletter print"
)
LOOKS = _words(
    "minimalist minimalistic modern simple beautiful retro vintage nice stylish colorful colourful large big new cool "
    "cute fun professional creative eye-catching eyecatching catchy attractive attention-grabbing high-quality sleek "
    "classy elegant fancy flat playful trendy contemporary corporate premium luxurious square vertical horizontal "
    "animated digital promotional promo marketing advertising media short quick small full-page a4 a5 style styled "
    "typographic swiss bauhaus abstract"
)
SMALL_WORDS = _words(
    "a an the of for with and or in on at to by from as is are that which into over our my your their its de la le el "
    "der die das und mit für et avec y con per"
)
# A clause that ends in one of these speaks of how the picture looks.
ABOUT_THE_PICTURE = _words(
    "style styles colors colours color colour tones tone palette background backdrop letters lettering font fonts "
    "typography theme look vibe vibes aesthetic mood lighting layout gradient scheme shapes pattern patterns texture "
    "illustration illustrations composition photography photo image images border frame icons elements accents "
    "whitespace"
)
# Words of which nothing but talk about the picture is made.
TALK = _words(
    "media social dark light bright vibrant moody bold clean airy very feel feeling blog article page profile feed channel "
    "account"
)
# Whom a picture is from, not what it says.
BUSINESSES = _words(
    "shop store bakery cafe café coffeehouse restaurant bistro pizzeria trattoria studio salon gym agency company "
    "brand startup clinic hotel hostel bar pub boutique business firm school academy spa barbershop barber dentist "
    "florist brewery winery farm market practice bookstore bookshop supermarket nursery kindergarten estate realtor "
    "photographer dealership garage charity nonprofit ngo library museum gallery club team app saas service"
)
# What the vector gallery draws.
DRAWN = _words(
    "landscape mountain peak alp hill valley sea ocean beach sunrise sunset horizon desert dune lake coast island sun "
    "sky forest stage podium pedestal plinth backdrop scene shelf niche arch window column step block gradient mesh "
    "aurora wave ribbon paper shape circle square triangle line dot ring tile grid stripe confetti ray leaf leave fan "
    "cube polygon contour map headline title subtitle logo button border frame space badge seal tag ticket coupon "
    "quote mark spotlight date calendar wireframe flow database diagram chart table arrow widget form page dashboard "
    "terrazzo halftone weave scale ripple motif"
)
# What only a photograph or a model shows.
THINGS = _words(
    "dog puppy retriever labrador bulldog poodle cat kitten horse pony cow sheep goat pig rabbit bunny bird parrot "
    "owl eagle fox wolf bear panda lion tiger elephant monkey giraffe zebra dolphin whale shark fish turtle dragon "
    "unicorn dinosaur butterfly bee animal pet man woman girl boy child baby kid toddler teenager person people "
    "family couple mother father grandmother grandfather model chef barista waiter athlete runner cyclist dancer "
    "singer guitarist player doctor nurse teacher student farmer astronaut robot businessman businesswoman crowd "
    "audience face hand santa elf ghost witch pumpkin skeleton superhero car truck bike bicycle motorcycle airplane "
    "plane train rocket house kitchen living-room skyline pizza burger sushi cake cupcake croissant bread sandwich "
    "cocktail saxophone guitar piano violin drum trumpet microphone laptop phone headphone sneaker dress necklace "
    "sofa teddy"
)
# Phrases whose first word is no look: the black of Black Friday.
WHOLE = frozenset(
    ["black friday", "white party", "light festival", "night market", "fun run", "big band", "open air", "flat white"]
)
