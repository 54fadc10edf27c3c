"""The electronic invoice: a document's view as EN 16931 data, as XML, checked, and read back."""
