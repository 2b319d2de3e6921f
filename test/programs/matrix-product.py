"""A thread multiplies matrices for ever, with the help of threads that the library makes for itself. Needs numpy."""

import numpy

import announce

SIZE = 1500


def multiply():
    while True:
        numpy.dot(matrix, matrix, out=product)


matrix, product = numpy.ones((SIZE, SIZE)), numpy.empty((SIZE, SIZE))
announce.spawn(multiply, name="multiply")
announce.announce_and_stay(spinning=["multiply"])
