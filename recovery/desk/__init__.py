"""The staff's pages, each with its query, forms and words. May import: all other rooms."""
