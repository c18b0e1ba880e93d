"""Python in texts for people: fences of Markdown and code blocks of reStructuredText."""
