# A script of the shell: vitrine-shell examples/life.vsh NAME
# Lines of commands and Python take turns; the script ends at what fails.
import sys

name = sys.argv[1] if len(sys.argv) > 1 else "shell-example"
do(f"create {name} DOS")
box = machines[name]

with box.edit() as settings:
    settings.hardware.memory_mb = 32
    settings.description = "Made by examples/life.vsh."

alias on start
do(f"on {name} headless")
list
print(box.console.screen_text().split("\n")[0])

do(f"stop {name} poweroff")
do(f"remove {name}")
