import CAllocations
import Glibc
import Testing

@Suite struct AllocationsTests {
  @Test(.enabled(if: allocations_can_count(), "a sanitizer counts in the allocator's place"))
  func `each block that is asked for counts, until it stops`() {
    allocations_start()
    for size in 1...1_000 { free(realloc(malloc(size), 2 * size)) }
    let counted = allocations_stop()
    // Other tests take blocks meanwhile.
    #expect(counted >= 2_000)
    for size in 1...1_000 { free(malloc(size)) }
    // One that looked at the flag just before may still count.
    #expect(allocations_stop() < counted + 500)
  }
}
