"""Static files with a hash of their content in their names, also where one script imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Gives a changed rule book's module a new name, and so every script that imports it."""

    support_js_module_import_aggregation = True
    # One pass for each step in the longest chain of imports; the default is too low for our scripts.
    max_post_process_passes = 20
