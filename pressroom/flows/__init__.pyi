# Written by docs/generate.py from the operations' parameters.
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pressroom.campaign.models import BrandSpec as BrandSpec
from pressroom.campaign.models import Budget as Budget
from pressroom.campaign.models import Policy as Policy
from pressroom.flows.campaign_run import CampaignResult as CampaignResult
from pressroom.flows.campaign_run import CampaignRun as CampaignRun
from pressroom.flows.campaign_run import Media as Media
from pressroom.flows.campaign_run import StepHandle as StepHandle
from pressroom.flows.campaign_run import campaign_run as campaign_run
from pressroom.flows.campaign_run import each as each
from pressroom.flows.operations import OperationTask as OperationTask
from pressroom.flows.operations import StepOptions as StepOptions

class _Adjust(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        exposure: float = 0,
        contrast: float = 0,
        saturation: float = 0,
        temperature: float = 0,
        tint: float = 0,
        highlights: float = 0,
        shadows: float = 0,
        auto_levels: bool = False,
    ) -> StepHandle:
        """Exposure, white balance, contrast, shadows, highlights and saturation.

        image: The picture; transparency is kept.
        exposure: In stops: 1 doubles the light, -1 halves it.
        contrast: Around middle grey; -1 leaves no difference in lightness.
        saturation: -1 is black and white, 1 doubles the colour.
        temperature: Above 0 warmer, below 0 cooler.
        tint: Above 0 more magenta, below 0 more green.
        highlights: Lighter or darker bright parts; white stays white.
        shadows: Lighter or darker dark parts; black stays black.
        auto_levels: First spread the picture's tones from black to white.
        """

adjust: _Adjust

class _Approve(OperationTask):
    def __call__(
        self,
        *,
        media: Media,
    ) -> StepHandle:
        """Wait until a person has approved a picture, video or sound; nothing is made of it before.

        media: What somebody looks at before anything is made of it.
        """

approve: _Approve

class _Choose(OperationTask):
    def __call__(
        self,
        *,
        images: Sequence[Media],
        by: Literal['score', 'person', 'first'] = 'score',
        weights: Mapping[str, Any] = {'sharpness': 1.0, 'contrast': 1.0, 'exposure': 1.0, 'palette': 1.0, 'subject': 1.0},
        place: int = 1,
    ) -> StepHandle:
        """Keep one of several takes, or some: the best by a score that says why, what a person picks, or the first.

        images: The takes, of one format: a step with `count`, gathered over `take`.
        by: score: the highest mean of sharpness, contrast, exposure, palette and subject; person: the run
            waits for somebody who picks one, shown with their scores; first: no look.
        weights: How much each part of the score counts.
        place: 1: the best of them, 2: the second best; a `count` in the step numbers them.
        """

choose: _Choose

class _Compress(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        preset: Literal['web', 'email', 'social', 'high_quality', 'maximum'] | None = None,
        max_kb: float | None = None,
        format: Literal['jpeg', 'png', 'webp', 'avif'] | None = None,
        max_width: int | None = None,
        background: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] = '#ffffff',
    ) -> StepHandle:
        """As few bytes as asked, in the best quality that they allow.

        image: The picture; of an animated one, its first frame.
        preset: web: webp 80; email: jpeg 70, at most 200 kB; social: jpeg 85; high_quality: png; maximum:
            webp 60.
        max_kb: Most kilobytes (of 1,000 bytes) of the file.
        format: Default: the preset's, else webp for transparent pictures and jpeg for others.
        max_width: Shrink to this width first, where it is wider.
        background: What transparent pixels lie on in a jpeg.
        """

compress: _Compress

class _Control(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        kind: Literal['sketch', 'structure', 'style', 'style_transfer'],
        prompt: str = '',
        negative_prompt: str = '',
        strength: float = 0.7,
        fidelity: float = 0.5,
        style_image: Media | None = None,
        style_strength: float = 1,
        composition_fidelity: float = 0.9,
        change_strength: float = 0.9,
        seed: int = 0,
    ) -> StepHandle:
        """A new picture that keeps the lines, the structure or the style of another one.

        image: The picture that guides: a drawing, a scene, an example of the style.
        kind: sketch keeps the lines of a drawing, structure the shapes and depth of a photo, style only its
            look; style_transfer gives `image` the look of `style_image`.
        prompt: What is to be seen; style_transfer can do without.
        negative_prompt: What must not be seen.
        strength: For sketch and structure: how strictly the picture guides.
        fidelity: For style: how close the look comes to the example.
        style_image: For style_transfer: the picture whose look is taken.
        style_strength: For style_transfer: how much of that look.
        composition_fidelity: For style_transfer: how much stays in its place.
        change_strength: For style_transfer: how much may change at all.
        seed: Same seed, same result. 0 is a seed like any other.
        """

control: _Control

class _Convert(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        format: Literal['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'bmp'],
        quality: int | None = None,
        background: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] = '#ffffff',
        metadata: Literal['rights', 'camera'] = 'rights',
    ) -> StepHandle:
        """Write a picture as JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP.

        image: The picture; of an animated one, its first frame.
        format: What to write.
        quality: Of jpeg, webp and avif; default: where no loss is seen (90, 90, 80).
        background: What transparent pixels lie on in formats that have none (jpeg, bmp).
        metadata: What stays of what the photo says of itself: creator, copyright and terms of use; with
            `camera` also caption, date, camera, lens and exposure (jpeg, png, webp). Never the place, serial
            numbers or a thumbnail.
        """

convert: _Convert

class _Crop(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        trim: bool = False,
        trim_tolerance: int = 12,
        trim_margin: float = 0,
        box: Mapping[str, Any] | None = None,
        ratio: str | None = None,
        anchor: Literal['auto', 'center', 'top', 'bottom', 'left', 'right', 'top_left', 'top_right', 'bottom_left', 'bottom_right'] = 'auto',
        focal_point: Mapping[str, Any] | None = None,
        subject: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> StepHandle:
        """Cut a part out of a picture: a box, a shape around what matters, or all but its empty border.

        image: The picture; transparency is kept.
        trim: First cut off an even border: transparent, or of the corner's colour.
        trim_tolerance: How far (of 255) a border may differ from the corner.
        trim_margin: Border left when trimming, as a share of the longer side.
        box: The part to keep, in pixels or percent.
        ratio: Then the largest part of this shape, e.g. "4:5".
        anchor: Which part a ratio keeps; auto estimates what matters.
        focal_point: Which point a ratio keeps, instead of an anchor; of what trim and box leave.
        subject: What a ratio keeps whole where it fits, one box or a list, of what trim and box leave;
            default: what a step before has placed, faces, or what stands out.
        """

crop: _Crop

class _DescribeImage(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        context: str = '',
        language: str = 'en',
        max_characters: int = 125,
        tags: int = 8,
        max_tokens: int = 500,
    ) -> StepHandle:
        """The alternative text, a description and tags of a picture, as JSON.

        image: The picture to describe.
        context: What the picture is for, so that it says what matters there.
        language: Language of the words, e.g. de.
        max_characters: The longest alternative text.
        tags: How many tags at most.
        max_tokens: What the model may write at most; bounds the price.
        """

describe_image: _DescribeImage

class _EditImage(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        kind: Literal['erase', 'inpaint', 'outpaint', 'search_replace', 'search_recolor', 'instruct'],
        mask: Media | None = None,
        prompt: str = '',
        search: str = '',
        negative_prompt: str = '',
        references: Sequence[Media] = (),
        left: int = 0,
        right: int = 0,
        up: int = 0,
        down: int = 0,
        grow: int | None = None,
        creativity: float = 0.5,
        seed: int = 0,
    ) -> StepHandle:
        """Erase, fill, extend, replace or recolour parts of a picture, or change it as an instruction says.

        image: The picture to change.
        kind: erase takes away what the mask covers, inpaint paints `prompt` there, outpaint adds to the
            sides, search_replace and search_recolor find `search` and make it `prompt`, instruct does what
            `prompt` says.
        mask: White where the picture changes, black where it stays; as large as the picture.
        prompt: What is to be there, or the instruction.
        search: What is looked for in the picture.
        negative_prompt: What must not be there.
        references: More pictures that the instruction speaks of.
        left: Pixels that outpaint adds on the left.
        right: Pixels that it adds on the right.
        up: Pixels that it adds above.
        down: Pixels that it adds below.
        grow: Pixels by which what is changed reaches beyond its edge; default: the model's.
        creativity: How freely outpaint invents.
        seed: Same seed, same result. 0 is a seed like any other.
        """

edit_image: _EditImage

class _EnhanceFace(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        fidelity: float = 0.5,
        scale: Literal[1, 2, 4] = 2,
        background: bool = True,
        only_center: bool = False,
        seed: int = 0,
    ) -> StepHandle:
        """Make small, soft or damaged faces clear.

        image: The picture with the faces.
        fidelity: 0 makes faces as clear as can be, 1 keeps them as they are.
        scale: How many times as wide and as high the picture becomes.
        background: Whether what is around the faces is enhanced as well.
        only_center: Only the face in the middle, instead of all.
        seed: Same seed, same result. 0 is a seed like any other.
        """

enhance_face: _EnhanceFace

class _Filter(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        blur: float | str | None = None,
        sharpen: float = 0,
        sharpen_radius: float = 1.2,
        duotone: Mapping[str, Any] | None = None,
        vignette: float = 0,
        grain: float = 0,
        grain_size: float = 1.5,
        seed: int = 0,
    ) -> StepHandle:
        """Blur, sharpen, duotone, vignette and film grain.

        image: The picture; transparency is kept.
        blur: Deviation of a Gaussian blur in pixels, or "2%" of the shorter side; as a lens blurs.
        sharpen: 1 is clearly visible; edges get no bright or dark rims.
        sharpen_radius: Of the details to sharpen, in pixels.
        duotone: Two colours instead of all.
        vignette: Share of the light that the corners lose.
        grain: Film grain, strongest in the mid-tones; 0.3 is clearly visible.
        grain_size: Of a grain, in pixels.
        seed: Same seed, same result. 0 is a seed like any other.
        """

filter: _Filter

class _Flip(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        direction: Literal['horizontal', 'vertical', 'both'] = 'horizontal',
    ) -> StepHandle:
        """Mirror a picture.

        image: The picture; words in it will read backwards.
        direction: horizontal swaps left and right, vertical top and bottom.
        """

flip: _Flip

class _GenerateImage(OperationTask):
    def __call__(
        self,
        *,
        prompt: str,
        style: Literal['auto', 'wireframe', 'flow', 'database', 'architecture', 'sale', 'quote', 'event', 'product_stage', 'landscape', 'pattern', 'geometric', 'abstract', 'gradient', 'poster', 'poster_tiles', 'poster_rings', 'poster_quarters', 'poster_bands', 'poster_cutouts', 'poster_swiss', 'poster_type', 'poster_arches', 'poster_horizon', 'sale_burst', 'sale_block', 'sale_coupon', 'sale_tag', 'quote_marks', 'quote_card', 'quote_column', 'event_date', 'event_beams', 'event_confetti', 'stage_plinth', 'stage_steps', 'stage_niche', 'stage_window', 'stage_columns', 'gradient_mesh', 'gradient_aurora', 'gradient_orbs', 'gradient_folds', 'abstract_waves', 'abstract_paper', 'abstract_cutouts', 'abstract_contours', 'abstract_fan', 'geometric_tiles', 'geometric_bauhaus', 'geometric_facets', 'geometric_cubes', 'pattern_halftone', 'pattern_terrazzo', 'pattern_scales', 'pattern_botanical', 'pattern_memphis', 'pattern_weave', 'pattern_ripples', 'landscape_hills', 'landscape_peaks', 'landscape_sea', 'landscape_dunes'] = 'auto',
        title: str | None = None,
        subtitle: str = '',
        negative_prompt: str = '',
        preset: str | None = None,
        steps: int | None = None,
        guidance: float | None = None,
        width: int | None = None,
        height: int | None = None,
        ratio: str | None = None,
        placement: str | None = None,
        seed: int = 0,
    ) -> StepHandle:
        """Draw a picture from words: posters, sale banners, quotes, events, sets, backgrounds, landscapes and drawings.

        prompt: What to show; drawings take their parts from it.
        style: auto lets the prompt's words choose; a family leaves the template to the words and the seed.
        title: Words set large; default: taken from the prompt by templates that are made of words.
        subtitle: A smaller line below the title.
        negative_prompt: What must not be there; for models, the local drawings cannot heed it.
        preset: A style for models, by their parameter or in words; the local drawings go by `style`.
        steps: How often a model refines; default: its own.
        guidance: How closely a model keeps to the prompt; default: its own.
        width: Width in pixels; goes with height.
        height: Height in pixels; goes with width.
        ratio: Shape, e.g. "16:9"; the shorter side is 1080 pixels.
        placement: Size of this placement, e.g. instagram.story_image.
        seed: Same seed, same result. 0 is a seed like any other.
        """

generate_image: _GenerateImage

class _ImageTo3D(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        texture: Literal[512, 1024, 2048] = 1024,
        foreground_ratio: float = 0.85,
        remesh: Literal['none', 'triangle', 'quad'] = 'none',
        vertices: int | None = None,
        seed: int = 0,
    ) -> StepHandle:
        """A three-dimensional model (GLB) from one picture.

        image: The thing, whole, on a plain ground or cut out.
        texture: Pixels a side of the model's surface.
        foreground_ratio: The thing's share of the frame that the model is made from.
        remesh: Whether the mesh is laid anew, and of what.
        vertices: About how many corners the mesh has at most; default: the model's own.
        seed: Same seed, same result. 0 is a seed like any other.
        """

image_to_3d: _ImageTo3D

class _ImageToVideo(OperationTask):
    def __call__(
        self,
        *,
        image: Media | Sequence[Media],
        motion: Literal['zoom_in', 'zoom_out', 'pan_left', 'pan_right', 'pan_up', 'pan_down', 'diagonal', 'parallax', 'hold'] | Sequence[Literal['zoom_in', 'zoom_out', 'pan_left', 'pan_right', 'pan_up', 'pan_down', 'diagonal', 'parallax', 'hold']] = 'zoom_in',
        intensity: Literal['subtle', 'medium', 'dynamic'] = 'medium',
        duration: float = 5,
        resolution: Literal['360p', '480p', '720p', '1080p'] = '1080p',
        ratio: str = '16:9',
        placement: str | None = None,
        fps: Literal[24, 25, 30] | None = None,
        titles: Sequence[Mapping[str, Any]] = (),
        captions: Sequence[Mapping[str, Any]] | str | None = None,
        burn: bool = True,
        sidecar: Literal['srt', 'vtt'] | None = None,
        audio: Media | None = None,
        audio_start: float = 0,
        audio_fade_in: float = 0,
        audio_fade_out: float = 1,
        focal_point: Mapping[str, Any] | None = None,
        subject: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        mode: Literal['crop', 'fit', 'auto'] = 'auto',
        background: str | Literal['blur', 'brand'] = 'blur',
        max_bytes: int | None = None,
        prompt: str = '',
        negative_prompt: str = '',
        end_image: Media | None = None,
        generate_audio: bool = False,
        seed: int = 0,
    ) -> StepHandle:
        """A camera move over one picture, or several joined by cross-fades, with optional sound.

        image: One picture, or up to 20 that follow each other with cross-fades.
        motion: The camera's move, or one for each picture. Pans name the direction in which the camera
            travels; parallax swings around the subject, and is a zoom_in where none stands out.
        intensity: How far the camera goes.
        duration: Length of the whole clip in seconds.
        resolution: Length of the shorter side.
        ratio: Width to height.
        placement: A video placement, e.g. instagram.reel: sets the size and checks the clip against its
            limits.
        fps: Frames per second; default 30, or what the placement takes.
        titles: Words that come and go, faded in and out in the safe zone.
        captions: What is said: a list of start, end and text, or the text of an SRT or WebVTT file.
        burn: Draw the captions into the picture.
        sidecar: Deliver the captions as a file as well; without `burn` the default is srt.
        audio: Sound, cut to the clip and brought to -14 LUFS.
        audio_start: Second of the sound at which the clip begins.
        audio_fade_in: Seconds in which the sound comes up.
        audio_fade_out: Seconds in which it goes; each fade takes a quarter of the clip at most.
        focal_point: What the camera goes to; default: estimated.
        subject: What must stay whole in every picture: one box, or a list; default: faces, or what stands
            out.
        mode: Pictures of another shape: crop them, show them whole on `background`, or decide by content.
        background: What fills the rest: a colour, a blurred copy, or the brand's background colour.
        max_bytes: Byte limit; the placement's own limit counts as well.
        prompt: What happens in the clip; for models that make video.
        negative_prompt: What must not happen; for such models.
        end_image: The picture that the clip ends on; for such models.
        generate_audio: Have the model make sound as well. Never left to the vendor: it can double the price.
        seed: Same seed, same result. 0 is a seed like any other.
        """

image_to_video: _ImageToVideo

class _LipSync(OperationTask):
    def __call__(
        self,
        *,
        video: Media,
        audio: Media,
        length: Literal['clip', 'sound'] = 'clip',
    ) -> StepHandle:
        """A clip whose speaker says what a recording says, priced by its seconds.

        video: The clip: one person, whose mouth is seen.
        audio: What is said. Made by speak, or a recording.
        length: As long as the clip, or as the sound: the clip is then cut, or begins anew until the sound
            ends.
        """

lip_sync: _LipSync

class _Overlay(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        headline: str = '',
        text: str = '',
        price: str = '',
        price_style: Literal['tag', 'text'] = 'tag',
        badge: str = '',
        badge_style: Literal['pill', 'burst'] = 'pill',
        cta: str = '',
        logo: bool = True,
        logo_image: Media | None = None,
        placement: str | None = None,
        safe_zone: Mapping[str, Any] | None = None,
        style: Literal['plain', 'card', 'band'] = 'plain',
        panel: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] | None = None,
        position: Literal['auto', 'top', 'center', 'bottom', 'left', 'right', 'top_left', 'top_right', 'bottom_left', 'bottom_right'] = 'auto',
        share: float | None = None,
        align: Literal['auto', 'left', 'center', 'right'] = 'auto',
        color: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] | None = None,
        scrim: Literal['auto', 'none', 'always'] = 'auto',
        preview: bool = False,
    ) -> StepHandle:
        """Lay headline, text, price, button and logo over a picture, inside the safe zone and always readable.

        image: The picture; it stays as it is, the result is a new one.
        headline: Set largest, in the brand's heading font.
        text: Set smaller, below the headline.
        price: On a price tag below the text; a currency without a number is refused.
        price_style: A price tag, or letters as large as it goes.
        badge: A short word: New, −20 %.
        badge_style: A pill above the headline, or a starburst in the corner that the words leave free.
        cta: The words of a button, last.
        logo: Lay the brand's logo above the words, where the brand has one.
        logo_image: This picture as the logo instead of the brand's.
        placement: Keep inside this placement's safe zone.
        safe_zone: Edges to keep clear instead of the placement's.
        style: Words on the picture, on a card, or on a band that runs to the picture's edges.
        panel: Colour of card or band; default: the brand's background for a card, its primary for a band.
        position: Where in the safe zone the words stand; auto: off faces and subjects, on the calm side.
            Before a subject is covered a side gives way to its corners.
        share: Most of the safe zone that the words may take, from where they stand; keeps a subject free.
        align: auto follows the position and the direction of the script.
        color: Colour of the words; default: what reads best.
        scrim: A soft veil under the words: where they need it, never, or always.
        preview: Make a second file that shows the safe zone; it is never delivered.
        """

overlay: _Overlay

class _PrintExport(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        size: str | None = None,
        width_mm: float | None = None,
        height_mm: float | None = None,
        orientation: Literal['auto', 'portrait', 'landscape'] = 'auto',
        format: Literal['pdf', 'tiff'] = 'pdf',
        dpi: int = 300,
        bleed_mm: float = 3,
        bleed: Literal['picture', 'mirror', 'extend'] = 'picture',
        mode: Literal['crop', 'fit', 'auto'] = 'crop',
        background: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] = '#ffffff',
        crop_marks: bool = False,
        color: Literal['cmyk', 'rgb'] = 'cmyk',
        profile: Media | None = None,
        intent: Literal['relative', 'perceptual', 'saturation', 'absolute'] = 'relative',
        black_point_compensation: bool = True,
        allow_low_resolution: bool = False,
    ) -> StepHandle:
        """A picture for the press: PDF or TIFF in millimetres, with bleed, crop marks and CMYK through an ICC profile.

        image: The picture; transparency lies on the background.
        size: Named size: A6 to A2, B2, DL, postcard, business_card, letter, …
        width_mm: Width after trimming, instead of a named size.
        height_mm: Height after trimming; goes with width_mm.
        orientation: Of a named size; auto follows the picture.
        format: A page with its boxes, or pixels.
        dpi: Pixels per inch of the finished sheet.
        bleed_mm: Room around the trimmed sheet that is cut off.
        bleed: What fills it: more of the picture, its mirrored edge, or its last row of pixels.
        mode: Pictures of another shape: crop around what matters, show all on `background`, or decide.
        background: What lies beside and under the picture.
        crop_marks: Hairlines outside the bleed where the sheet is cut.
        color: Inks of the press, or sRGB where the printer converts.
        profile: ICC profile of the press and paper (.icc file); default: a built-in general one.
        intent: What happens to colours that ink does not have.
        black_point_compensation: Black becomes the blackest ink, shadows keep their steps.
        allow_low_resolution: Go below 150 of the picture's own pixels an inch, where print looks blurred.
        """

print_export: _PrintExport

class _Recolor(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        source: Literal['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink', 'brown', 'white', 'grey', 'black'] | str,
        target: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'],
        tolerance: float = 0.5,
    ) -> StepHandle:
        """Give a range of colours another colour and keep light, shade and texture.

        image: The picture; transparency is kept.
        source: The colours to change, by name or around a colour.
        target: The colour that a middling pixel of them gets.
        tolerance: How far around the source colours count, too.
        """

recolor: _Recolor

class _RemoveBackground(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        feather: float = 0.5,
        method: Literal['auto', 'classical', 'network'] = 'auto',
        network: str | None = None,
        trim: bool = False,
        margin: float = 0.04,
    ) -> StepHandle:
        """Cut a product out of its photo: a transparent PNG with soft edges.

        image: The photo. A picture that is already transparent keeps its own outline.
        feather: Softens the outline inwards by this many pixels, on top of the measured softness.
        method: auto finds outlines by edges, by colours and by a small network that comes along, and takes
            the best; classical leaves the network out; network asks the one in `network` alone.
        network: For method: network: path of a larger ONNX file that finds subjects, e.g. U-2-Net or IS-Net,
            on the machine that runs this, from / or ~/. Nothing is downloaded.
        trim: Crop to the subject; otherwise the picture keeps its size.
        margin: Space around a trimmed subject, as a share of its longer side.
        """

remove_background: _RemoveBackground

class _ReplaceBackground(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        color: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] | None = None,
        gradient: Sequence[str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text']] | None = None,
        angle: float = 90,
        background: Media | None = None,
        scene: Literal['studio', 'podium', 'gradient', 'sunset', 'window', 'botanical'] | None = None,
        prompt: str = '',
        width: int | None = None,
        height: int | None = None,
        ratio: str | None = None,
        scale: float | None = None,
        anchor: Literal['auto', 'center', 'bottom', 'top', 'left', 'right'] = 'auto',
        shadow: Literal['contact', 'cast', 'none'] = 'contact',
        shadow_strength: float = 0.7,
        light: Literal['auto', 'left', 'right', 'above', 'front', 'back', 'back_left', 'back_right'] = 'auto',
        match: float = 0.5,
        negative_prompt: str = '',
        foreground_prompt: str = '',
        preserve: float | None = None,
        light_strength: float | None = None,
        method: Literal['auto', 'classical', 'network'] = 'auto',
        network: str | None = None,
        seed: int = 0,
    ) -> StepHandle:
        """Stand a product on a colour, a gradient, a picture or a generated scene, in its light and with its shadow.

        image: A cut-out; a photo without transparency is cut out first.
        color: A flat colour, or a brand colour by name.
        gradient: Two to five colours that turn into each other.
        angle: Where the gradient runs, in degrees: 0 to the right, 90 down.
        background: A picture to stand on, scaled to fill the canvas.
        scene: A generated set in the brand's colours.
        prompt: Where nothing else is chosen, its words pick the scene.
        width: Width in pixels; default: the picture's own size.
        height: Height in pixels; goes with width.
        ratio: Shape of the canvas, e.g. "4:5", instead of a size.
        scale: The product's share of the canvas; default: what the scene has room for.
        anchor: Where it stands; auto is the scene's own place, on its ground.
        shadow: contact darkens where it touches the ground, cast falls away from the light as well.
        shadow_strength: 0 is invisible, 1 is black at the darkest point.
        light: Where the light comes from; auto is the scene's own, or where the picture is brighter.
        match: How far the product takes on colour, exposure and side of the light; 0 not at all.
        negative_prompt: What must not be there; for models.
        foreground_prompt: What the product is; for models that light it anew.
        preserve: How much of the product's own pixels such a model keeps; default: its own.
        light_strength: How strong the light is that such a model sets; default: its own.
        method: auto finds outlines by edges, by colours and by a small network that comes along, and takes
            the best; classical leaves the network out; network asks the one in `network` alone.
        network: For method: network: path of a larger ONNX file that finds subjects, e.g. U-2-Net or IS-Net,
            on the machine that runs this, from / or ~/. Nothing is downloaded.
        seed: Same seed, same result. 0 is a seed like any other.
        """

replace_background: _ReplaceBackground

class _Resize(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        placements: Sequence[str] = (),
        width: int | None = None,
        height: int | None = None,
        format: Literal['jpeg', 'png', 'webp', 'avif', 'gif', 'bmp'] | None = None,
        mode: Literal['crop', 'fit', 'auto'] = 'auto',
        focal_point: Mapping[str, Any] | None = None,
        subject: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        background: str | Literal['blur', 'brand'] = 'blur',
        max_bytes: int | None = None,
        quality: int | None = None,
        start: float = 0,
        duration: float | None = None,
        loudness: float | None = -14.0,
        poster: bool = False,
    ) -> StepHandle:
        """One master to any list of placements: cropped or fitted, in the right format, under the byte limit.

        image: The master: a picture or a video.
        placements: Placement names, e.g. instagram.reel, or patterns, e.g. instagram.*; a pattern means the
            placements of the master's kind.
        width: Width in pixels of a size of your own.
        height: Height in pixels of a size of your own.
        format: Format of the size of your own; default: what suits the picture, mp4 for a video. gif and webp
            of a video repeat for ever.
        mode: crop fills the frame around the focal point; fit shows everything and fills the rest; auto crops
            where that keeps the subject and the words of steps before whole, else fits.
        focal_point: What a crop keeps; default: estimated from the picture.
        subject: What must stay whole: one box, or a list; default: faces, or what stands out.
        background: What fills the rest: a colour, a blurred copy, or the brand's background colour.
        max_bytes: Byte limit; a placement's own limit counts as well.
        quality: Pictures: quality that lossy formats start from; default: where no loss is seen (jpeg and
            webp 90, avif 80). A byte limit may lower it.
        start: Videos: where the cut begins, in seconds.
        duration: Videos: longest duration in seconds; a placement's own limit counts as well.
        loudness: Videos: loudness of the sound in LUFS; null leaves it as it is.
        poster: Videos: a still of each as well, labelled NAME-poster: its clearest frame.
        """

resize: _Resize

class _Rotate(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        angle: float,
        edges: Literal['expand', 'crop', 'keep'] = 'expand',
        background: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] | Literal['transparent'] = 'transparent',
    ) -> StepHandle:
        """Turn a picture by any angle: expanded, cropped straight, or on its own canvas.

        image: The picture; it is upright first, as its camera says.
        angle: Degrees, clockwise. 90, 180 and 270 move whole pixels.
        edges: Other angles: expand the canvas to hold all of it; crop to the largest upright part
            (straightens a horizon); keep the canvas as it is.
        background: What the corners of expand and keep show.
        """

rotate: _Rotate

class _SoundEffect(OperationTask):
    def __call__(
        self,
        *,
        prompt: str,
        duration: float = 5,
        loop: bool = False,
        influence: float = 0.3,
        format: Literal['mp3', 'wav'] = 'mp3',
    ) -> StepHandle:
        """A sound from words, of the length that is asked for.

        prompt: What is heard: rain on a tin roof, a door closing.
        duration: Length in seconds. Never left to the vendor, who charges by it.
        loop: Whether its end leads into its beginning.
        influence: High keeps to the words, low is more inventive.
        format: The file's format.
        """

sound_effect: _SoundEffect

class _Speak(OperationTask):
    def __call__(
        self,
        *,
        text: str,
        voice: str | None = None,
        language: str | None = None,
        speed: float = 1,
        stability: float = 0.5,
        format: Literal['mp3', 'wav'] = 'mp3',
        seed: int = 0,
    ) -> StepHandle:
        """Words said aloud: a voice-over, priced by its characters.

        text: What is said.
        voice: One of the vendor's voices, by its id; default: the model's own.
        language: Language of the words, e.g. de; default: by the words.
        speed: 1 is the voice's own pace.
        stability: Low is lively and differs each time, high is even.
        format: The file's format.
        seed: Same seed, same result. 0 is a seed like any other.
        """

speak: _Speak

class _TalkingAvatar(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        audio: Media,
        prompt: str = '',
        emotion: Literal['neutral', 'happy', 'professional', 'excited'] = 'neutral',
        resolution: Literal['360p', '480p', '720p', '1080p'] = '720p',
        seed: int = 0,
    ) -> StepHandle:
        """A portrait that says what a recording says, priced by the seconds of the recording.

        image: The portrait: one face, seen from the front.
        audio: What is said; the clip is as long. Made by speak, or a recording.
        prompt: How the person behaves, and what is around.
        emotion: The person's mood; where a vendor has no field for it, it is added to the prompt.
        resolution: Length of the shorter side; prices depend on it.
        seed: Same seed, same result. 0 is a seed like any other.
        """

talking_avatar: _TalkingAvatar

class _TextToVideo(OperationTask):
    def __call__(
        self,
        *,
        prompt: str,
        negative_prompt: str = '',
        duration: float = 5,
        resolution: Literal['360p', '480p', '720p', '1080p'] = '720p',
        ratio: str = '16:9',
        placement: str | None = None,
        generate_audio: bool = False,
        seed: int = 0,
    ) -> StepHandle:
        """A clip from words.

        prompt: What happens in the clip.
        negative_prompt: What must not be in it.
        duration: Length of the clip in seconds.
        resolution: Length of the shorter side; prices depend on it.
        ratio: Width to height.
        placement: A video placement, e.g. instagram.reel: sets the size and checks the clip against its
            limits.
        generate_audio: Have the model make sound as well. Never left to the vendor: it can double the price.
        seed: Same seed, same result. 0 is a seed like any other.
        """

text_to_video: _TextToVideo

class _Upscale(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        scale: Literal[2, 4] | None = None,
        width: int | None = None,
        height: int | None = None,
        mode: Literal['conservative', 'fast', 'creative', 'network', 'auto'] = 'conservative',
        prompt: str = '',
        negative_prompt: str = '',
        creativity: float | None = None,
        seed: int = 0,
        network: str | None = None,
    ) -> StepHandle:
        """Enlarge a picture two or four times or to a size, true to the original or, by a model, with invented detail.

        image: The picture to enlarge; transparency is kept.
        scale: How many times as wide and as high; default: 2.
        width: Or the width to reach, in pixels; height follows.
        height: Or the height to reach, in pixels; width follows.
        mode: conservative sharpens along edges and never beyond the pixels around them; fast only resamples;
            creative has a vendor's model invent detail; network asks the one in `network`, which may invent
            it too; auto is conservative for 3,000 pixels and more on the longer side, fast below, and the
            other one where that does not fit.
        prompt: What the picture shows; for models that ask for it.
        negative_prompt: What it must not show; for such models.
        creativity: How much may be invented; default: the model's own for the mode.
        seed: Same seed, same result. 0 is a seed like any other.
        network: For mode: network: path of an ONNX file that enlarges pictures, e.g. Real-ESRGAN's, on the
            machine that runs this, from / or ~/. Nothing is downloaded.
        """

upscale: _Upscale

class _Watermark(OperationTask):
    def __call__(
        self,
        *,
        image: Media,
        text: str = '',
        logo_image: Media | None = None,
        position: Literal['center', 'top', 'bottom', 'left', 'right', 'top_left', 'top_right', 'bottom_left', 'bottom_right', 'tiled'] = 'bottom_right',
        size: float = 0.22,
        opacity: float = 0.6,
        margin: float = 0.035,
        angle: float | None = None,
        color: str | Literal['brand.primary', 'brand.secondary', 'brand.accent', 'brand.background', 'brand.text'] | None = None,
    ) -> StepHandle:
        """Mark a picture with words or a logo, once or all over.

        image: The picture; it stays as it is, the result is a new one.
        text: One line of words, in the brand's body font.
        logo_image: A picture as mark; default, without text: the brand's logo.
        position: Where it lies; tiled repeats it all over.
        size: The mark's width as a share of the picture's.
        opacity: 1 covers, 0.1 is barely there.
        margin: To the edges, as a share of the shorter side.
        angle: Degrees clockwise; default 0, tiled -30.
        color: Of words, or of the whole logo; default: logos keep theirs, words take what reads best.
        """

watermark: _Watermark

class _WriteText(OperationTask):
    def __call__(
        self,
        *,
        prompt: str,
        kind: Literal['caption', 'headline', 'description', 'script'] = 'caption',
        image: Media | None = None,
        language: str = 'en',
        tone: str = '',
        count: int = 1,
        max_characters: int | None = None,
        max_tokens: int = 1000,
        format: Literal['text', 'json'] = 'text',
    ) -> StepHandle:
        """Captions, headlines, descriptions and scripts, priced by tokens up to a bound.

        prompt: What the text is about, and what it must say.
        kind: What is written.
        image: The picture that it goes with.
        language: Language of the text, e.g. de.
        tone: How it sounds: warm, factual, playful.
        count: How many to choose from, one a line.
        max_characters: The longest of each.
        max_tokens: What the model may write at most; bounds the price.
        format: A text with a line each, or a JSON list.
        """

write_text: _WriteText
