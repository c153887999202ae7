import MigrationControl
import Testing

@Suite("Who counts as dead")
struct SilenceWatchTests {
  private func reading(_ minutes: Int64) -> ClockReading { ClockReading(continuous: minutes * 60_000, wall: minutes * 60_000) }

  @Test("One nonce read twice, 45 minutes apart")
  func silence() {
    var watch = SilenceWatch()
    let silent = ParticipantItem(name: "a", nonce: 3)
    #expect(watch.see([silent, ParticipantItem(name: "b", nonce: 1)], at: reading(0)).isEmpty)
    #expect(watch.see([silent, ParticipantItem(name: "b", nonce: 2)], at: reading(44)).isEmpty)
    #expect(watch.see([silent, ParticipantItem(name: "b", nonce: 2)], at: reading(45)) == [silent])
  }

  @Test("A beat in between starts the count anew, and so does an absence")
  func signsOfLife() {
    var watch = SilenceWatch()
    _ = watch.see([ParticipantItem(name: "a", nonce: 1)], at: reading(0))
    _ = watch.see([], at: reading(20))
    _ = watch.see([ParticipantItem(name: "a", nonce: 1)], at: reading(30))
    #expect(watch.see([ParticipantItem(name: "a", nonce: 1)], at: reading(60)).isEmpty)
  }

  @Test("The clock that says less decides")
  func clocks() {
    var watch = SilenceWatch()
    let participant = ParticipantItem(name: "a", nonce: 1)
    _ = watch.see([participant], at: reading(0))
    #expect(watch.see([participant], at: ClockReading(continuous: 60_000, wall: 90 * 60_000)).isEmpty)
  }
}
