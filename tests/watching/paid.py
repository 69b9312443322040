"""A campaign of which one step is bought and one is made here."""

PAID = """
name: shop
policy: {tier: budget}
steps:
  scene: {uses: draw, with: {prompt: sea}}
  dusk: {uses: tint, tier: free, with: {image: "{{ steps.scene }}"}}
"""
