"""One log: the page, the JSON door, and what is kept while it waits. May import: phone pages."""
