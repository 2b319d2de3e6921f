"""Names and paths outside of ASCII. CPython 3.6 and later.

The module files are written into the directory that PYFLIGHT_SCRATCH names, which the harness removes.
"""

import os

import announce

SOURCE = '''
def функция_函数(продолжение):
    переменная_变量 = "значение 值"
    naïve(продолжение)


def naïve(продолжение):
    été = 1; \U00020000(продолжение)


def \U00020000(продолжение):
    \U00010400 = "Deseret"
    продолжение()


class Ünïcode:
    def méthode_方法(self, продолжение):
        функция_函数(продолжение)
'''

FILE_NAMES = ["модуль_模块_é_\U0001f40d.py".encode(), b"undecodable-\xff.py"]


def load(directory, file_name):
    path = os.path.join(os.fsencode(directory), "каталог 目录 \U0001f40d".encode(), file_name)
    if not os.path.isdir(os.path.dirname(path)):
        os.mkdir(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(SOURCE.encode())
    namespace = {}
    exec(compile(SOURCE, os.fsdecode(path), "exec"), namespace)
    return namespace


def last():
    announce.announce_and_stay()


def renamed(function, name):
    """A function whose code has a name that no source could give it; only 3.8 and later can."""
    if hasattr(function.__code__, "replace"):
        function.__code__ = function.__code__.replace(co_name=name)
        if hasattr(function.__code__, "co_qualname"):
            function.__code__ = function.__code__.replace(co_qualname="Outer." + name)
    return function


def emoji():
    last()


def surrogate():
    emoji()


def main():
    renamed(emoji, "\U0001f40d\U0001f600")
    renamed(surrogate, "broken \udcff")
    first, second = (load(os.environ["PYFLIGHT_SCRATCH"], name) for name in FILE_NAMES)
    first["Ünïcode"]().méthode_方法(lambda: second["функция_函数"](surrogate))


main()
