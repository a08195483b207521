"""The result folder: whole files, finished blocks, one writer at a time, the manifest."""



