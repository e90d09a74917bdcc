"""The engine: keyword spotting, networks, training, quantization and deployment, without any user interface.

Sub-packages are read like chapters: `audio`, `kws`, `nn`, `training`.  Nothing here imports Qt.
"""
