"""``vitrine-manage``: the command line that scripts drive as they drive VBoxManage.

:mod:`app.cli.program` takes the command line apart and finds the command;
:mod:`app.cli.commands` names the module of each command, which is imported only when it is called,
because scripts call this program hundreds of times. Commands declare their options with
:mod:`app.cli.options` and speak to the service through :class:`app.cli.context.Context`.
"""
