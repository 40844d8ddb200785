"""How production stores scripts and styles: compressed, under names with a hash of what is in them."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

# import { keeping } from "./keeping.js";
IMPORT = r"""(?P<matched>import(?P<names>[^"';]*)["'](?P<url>\./[^"']+)["'];)"""


class StaticFiles(CompressedManifestStaticFilesStorage):
    """A module's imports name the files with their hashes too, so that no browser runs a new one with an old one.

    Django's own way, `support_js_module_import_aggregation`, reads every package's scripts and stops at htmx's
    extensions, which import what isn't shipped: ours reads the portal's alone.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((IMPORT, 'import%(names)s"%(url)s";'),)),
    )
