"""The history: conversations, pictures, recordings and requests in SQLite, with search; its door is `store.History`."""
