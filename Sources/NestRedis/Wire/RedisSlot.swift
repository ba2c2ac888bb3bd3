/// Keys share slots, so that what is remembered of them is bounded.
enum RedisSlot {
    static let count: UInt64 = 65_536

    /// The slot of a key: FNV-1a. Senders and services must agree on it.
    static func number(of key: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return (hash ^ (hash >> 32)) % count
    }
}
