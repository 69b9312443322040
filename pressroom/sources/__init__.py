"""Where campaigns come from: a folder with its files, or a stored document with library assets."""
