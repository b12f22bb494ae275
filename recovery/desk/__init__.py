"""The pages of staff, each with its query, forms and words. May import: all other rooms."""
