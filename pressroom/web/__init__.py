"""The pages: routes that parse, call one service and render; HTML that works without a script."""
