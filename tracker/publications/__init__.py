"""What headquarters says in public: bulletins of totals and press notes of meetings."""
