"""What the user presses: keys, their bindings, and the settings that change them."""
