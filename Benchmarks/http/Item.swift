/// The small JSON that both answer with.
struct Item: Codable, Sendable {
    var id: Int
    var name: String
    var tags: [String]
    var price: Double

    static func made(_ id: Int) -> Item {
        Item(id: id, name: "Espresso cup", tags: ["kitchen", "coffee"], price: 12.5)
    }
}
