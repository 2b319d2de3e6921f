//! A library that calls back from within traits, closures, generics and a sort.

trait Visitor {
    fn visit(&mut self, number: i32) -> i32;
}

struct Calling<F: FnMut(i32) -> i32> {
    callback: F,
    total: i32,
}

impl<F: FnMut(i32) -> i32> Visitor for Calling<F> {
    #[inline(never)]
    fn visit(&mut self, number: i32) -> i32 {
        let answer = (self.callback)(number);
        self.total += answer;
        self.total
    }
}

#[inline(never)]
fn walk<V: Visitor + ?Sized>(visitor: &mut V, numbers: &[i32]) -> i32 {
    numbers.iter().map(|number| visitor.visit(*number)).sum()
}

mod deeper {
    #[inline(always)]
    pub fn inlined(visitor: &mut dyn super::Visitor, numbers: &mut Vec<i32>) -> i32 {
        let mut sum = 0;
        numbers.sort_by_key(|number| {
            sum += super::walk(visitor, &[*number]);
            *number
        });
        sum
    }
}

#[no_mangle]
pub extern "C" fn call_back(callback: extern "C" fn(i32) -> i32) -> i32 {
    let mut visitor = Calling { callback: |number| callback(number), total: 0 };
    let mut numbers = vec![3, 1, 2];
    let sum = deeper::inlined(&mut visitor, &mut numbers);
    sum + visitor.total
}
