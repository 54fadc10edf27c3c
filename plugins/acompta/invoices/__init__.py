"""What is printed: the view model, the legal mentions, the checks before printing, and the rendering to PDF."""
