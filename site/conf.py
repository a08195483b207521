"""Settings of Sphinx for the documentation site, which `make docs` builds."""

from __future__ import annotations

import regional_sim

project = "regional_sim"
author = "regional_sim contributors"
version = release = regional_sim.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    # The formulas are drawn without a network.
    "sphinx-mathjax-offline",
]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
# GitHub writes formulas as code of the language "math".
myst_fence_as_directive = ["math"]
myst_heading_anchors = 4
# Pages with code cells are run, and a cell that fails stops the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "pydata_sphinx_theme"
html_title = f"regional_sim {version}"
html_static_path = ["static"]
html_css_files = ["custom.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_nav_level": 2,
    "navigation_depth": 2,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": []}
project_copyright = "regional_sim contributors; MIT licence"
