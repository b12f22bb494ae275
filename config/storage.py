"""Static files under names that carry their content's hash, also where one script imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """A changed rule book gives its module a new name, and with it every script that imports it."""

    support_js_module_import_aggregation = True
    # One pass for each step from a script to the last one it imports; the default is too few for ours.
    max_post_process_passes = 20
