"""Rooms for opening, measuring, changing and writing media safely: shared by the operations, which never import each other."""
