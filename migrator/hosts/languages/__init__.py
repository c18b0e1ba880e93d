"""Code in other languages: found and reported, not edited. One module per family, so that a rewriter can follow."""
