"""The same extraction over whole archives: on one machine, or on as many as there are.

inputs      paths, globs, folders, lists, addresses → what there is to read
captures    one input → what each of its records holds, or why it holds no page
job         what a run is: filters, rules, noise and limits, pinned by a hash
part        one input → one part of the data set, in a process that may be killed
keeper      sees to it that a part is made, whatever its pages do to that process
engines     who runs the keepers: threads here, or a Dask cluster
run         plans, hands out, writes the manifest, goes on where another run stopped
"""
