"""Running a result again from its folder alone, and comparing every cell.

`original` opens the folder, `judging` runs it again and judges; `tables`, `cells` and `texts`
compare two files; `reproduction` and `difference` are what comes out.
"""
