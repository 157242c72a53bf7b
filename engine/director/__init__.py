"""Words in, an explained plan out: readers, the planner, the catalogue of looks."""
