"""Reading of helpdesks' exports of closed tickets: files, columns, cells, names."""
