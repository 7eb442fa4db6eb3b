"""Whose number it is: number plan, number blocks, ported numbers, and the route that follows from the carrier."""
