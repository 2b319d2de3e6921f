/* What Cython makes of a method, as far as stacks are concerned, with the comments that it writes before statements. */

typedef int (*callback)(void);

/* "shop/cart.pyx":11
 *
 * cdef class Cart:
 *     def add(self, price):             # <<<<<<<<<<<<<<
 */
static __attribute__((noinline)) int __pyx_pf_4shop_4Cart_add(callback price) {
  int result;
  /* "shop/cart.pyx":12
 *     def add(self, price):
 *         self.total += price()             # <<<<<<<<<<<<<<
 */
  result = price();
  return result + 1;
}

static __attribute__((noinline)) int __pyx_pw_4shop_4Cart_1add(callback price) {
  int result;
  result = __pyx_pf_4shop_4Cart_add(price);
  return result + 1;
}

int hold_exported(callback function) {
  int result = __pyx_pw_4shop_4Cart_1add(function);
  return result + 1;
}
