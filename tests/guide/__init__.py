"""The pictures of the guide, as a browser sees the demonstration: `make guide`."""
