/// The last numbers that were put in.
struct RecentNumbers {
    private static let limit = 1_024

    private var numbers: Set<Int32> = []
    private var order = Fifo<Int32>()

    mutating func insert(_ number: Int32) {
        guard numbers.insert(number).inserted else { return }
        order.append(number)
        if order.count > Self.limit, let oldest = order.popFirst() { numbers.remove(oldest) }
    }

    func contains(_ number: Int32) -> Bool { numbers.contains(number) }
}
