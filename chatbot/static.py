"""Static files: hashed names for our own pages, a stable address for the pasted widget."""

from pathlib import Path

from django.conf import settings
from servestatic.middleware import ServeStaticMiddleware
from servestatic.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashes and compresses static files, the imports between our ES modules included."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 10  # one for each level of imports, and ours go deeper than five


class WidgetAndStatic(ServeStaticMiddleware):
    """Serve /static/, and the widget's modules at /widget/v1/, which customers paste and keep."""

    def __init__(self, get_response=None, settings=settings) -> None:  # type: ignore[no-untyped-def]  # ServeStatic's own signature
        super().__init__(get_response, settings)
        collected = Path(settings.STATIC_ROOT) / "widget"
        if collected.is_dir():
            self.add_files(collected, prefix="/widget/")
