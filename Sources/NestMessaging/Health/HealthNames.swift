/// Names in a report.
package enum HealthNames {
    /// The same names; the second of a name gets `-2` behind it, and so on.
    package static func unique(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            var unique = name
            var number = 2
            while !taken.insert(unique).inserted {
                unique = "\(name)-\(number)"
                number += 1
            }
            return unique
        }
    }
}
