// An extension module that calls what it is given from within templates, namespaces, lambdas and a handler of exceptions.
#define Py_LIMITED_API 0x03060000
#include <Python.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace shop {
namespace {

template <typename Result, int Depth>
struct Caller {
  template <typename Callable>
  [[gnu::noinline]] Result operator()(Callable &&callable, const std::string &name) const {
    Result result = Caller<Result, Depth - 1>{}(std::forward<Callable>(callable), name + "x");
    keep = name.size();
    return result;
  }
  mutable volatile std::size_t keep = 0;
};

template <typename Result>
struct Caller<Result, 0> {
  template <typename Callable>
  Result operator()(Callable &&callable, const std::string &name) const {
    volatile std::size_t keep = name.size();
    Result result = callable();
    keep = keep + 1;
    return result;
  }
};

}  // namespace

class Order {
 public:
  explicit Order(PyObject *callable) : callable_(callable) {}
  virtual ~Order() = default;
  virtual PyObject *handle(int depth);

 private:
  [[noreturn]] void fail(int depth) const { throw std::runtime_error("depth " + std::to_string(depth)); }
  PyObject *callable_;
};

PyObject *Order::handle(int depth) {
  try {
    if (depth > 0) fail(depth);
    return nullptr;
  } catch (const std::exception &error) {
    const std::function<PyObject *()> callable = [this] {
      std::vector<PyObject *> results(2);
      std::for_each(results.begin(), results.begin() + 1, [this](PyObject *&result) {
        result = PyObject_CallFunctionObjArgs(callable_, nullptr);
      });
      return results.front();
    };
    return Caller<PyObject *, 3>{}(callable, error.what());
  }
}

}  // namespace shop

static PyObject *call(PyObject *, PyObject *callable) {
  shop::Order order(callable);
  volatile int depth = 3;
  PyObject *result = order.handle(depth);
  depth = 0;
  return result;
}

static PyMethodDef methods[] = {{"call", call, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "cpp_extension", nullptr, -1, methods,
                                        nullptr, nullptr, nullptr, nullptr};

PyMODINIT_FUNC PyInit_cpp_extension(void) { return PyModule_Create(&definition); }
