"""The figures that the documentation gives, each measured by a module of its own."""
