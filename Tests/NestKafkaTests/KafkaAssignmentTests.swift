import Testing

@testable import NestKafka

/// What is known about one partition.
struct KafkaAssignmentTests {
    private func assignment(from offset: Int64) -> KafkaAssignment {
        KafkaAssignment(number: 1, .init(topic: "events", partition: 0), .events, from: offset, isNew: false)
    }

    /// The library hands on again what it had fetched, after a pause or when a partition begins anew.
    @Test func aRecordThatComesTwiceIsDropped() {
        let assignment = assignment(from: 5)
        #expect(!assignment.begin(4))
        #expect(assignment.begin(5))
        #expect(!assignment.begin(5))
        // There are gaps, where records were removed.
        #expect(assignment.begin(9))
        #expect(!assignment.begin(7))
        #expect(assignment.next == 10)
    }

    /// Whatever ends first: what is committed is never beyond what is still being handled.
    @Test func thePositionPassesOnlyWhatIsDone() {
        let assignment = assignment(from: 5)
        for offset in [5, 6, 9] as [Int64] { _ = assignment.begin(offset) }
        assignment.finish(9)
        assignment.finish(6)
        #expect(assignment.position == 5)
        #expect(!assignment.isDirty)
        assignment.finish(5)
        #expect(assignment.position == 10)
        #expect(assignment.isDirty)
    }
}
