"""Drawn pictures for the demo city: storefronts and sample papers. Pillow only, the same bytes for the same
shop.
"""
