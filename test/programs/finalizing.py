"""An interpreter that has torn down its modules, down to an object whose finalizer blocks. CPython 3.6 and later."""

import announce


class Late(object):
    # The default keeps the module alive when its name is gone.
    def __del__(self, announce=announce):
        announce.announce_and_stay()


late = Late()
