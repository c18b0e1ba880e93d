"""One cheap pass of the standard library's ``ast`` over a file: names, bindings, what reaches what."""
