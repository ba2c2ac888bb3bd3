extension AnnotatedType {
    /// `nonisolated static var name: [element] { [ … ] }`, an element a line.
    func listMember(_ name: String, of element: String, _ elements: [String]) -> String {
        let lines = elements.map { $0.indented(by: 8) + "," }
        let list = lines.isEmpty ? "    []" : "    [\n\(lines.joined(separator: "\n"))\n    ]"
        return "\(access)nonisolated static var \(name): [\(element)] {\n\(list)\n}"
    }
}

extension String {
    /// All lines alike, so a multi-line string among them keeps its value; empty ones stay empty.
    func indented(by count: Int) -> String {
        let spaces = String(repeating: " ", count: count)
        return split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : spaces + $0 }.joined(separator: "\n")
    }
}
