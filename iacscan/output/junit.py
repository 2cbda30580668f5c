"""JUnit XML: each verdict is a test case, for the test views of CI servers.

The rule is the class name, the subject the test's name, as GitLab, Jenkins and Azure show them. An
unknown or suppressed verdict is a skipped test with its reason, an error of the scan a test error.
Attributes are those of the strictest reader, Jenkins' xUnit plugin, which refuses a report with others:
so the file and line stand in the text.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from iacscan.core import Diagnostic
from iacscan.findings import Finding, Report
from iacscan.output.characters import exact, lines, sentence
from iacscan.output.instances import Problem, proofs
from iacscan.output.places import place
from iacscan.output.style import PLAIN, Style


def render(report: Report, _style: Style = PLAIN) -> str:
    """One suite, never empty: a reader takes a report without cases for a broken one."""
    cases = [_case(finding, len(report.inputs) > 1) for finding in report.findings]
    cases += [_error(item) for item in report.errors]
    if not cases:
        cases = [ET.Element("testcase", classname="iacscan", name=sentence(report.summary.line))]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    root = ET.Element("testsuites", {name: count for name, count in counts.items() if name != "skipped"})
    suite = ET.SubElement(root, "testsuite", {"name": "iacscan", **counts})
    suite.extend(cases)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(finding: Finding, many_inputs: bool) -> ET.Element:
    """NOTE: GitLab drops a second test of the same name, so several inputs are told apart."""
    name = exact(finding.address) + (f" ({exact(finding.input)})" if many_inputs else "")
    case = ET.Element("testcase", classname=exact(finding.rule.id), name=name)
    message = sentence(finding.message)
    if finding.suppression:
        ET.SubElement(case, "skipped", message=f"suppressed: {sentence(finding.suppression.reason)}")
    elif finding.status == "unknown":
        ET.SubElement(case, "skipped", message=f"unknown: {message}").text = _details(finding)
    elif finding.status == "fail":
        failure = ET.SubElement(case, "failure", message=message, type=finding.rule.severity.label)
        failure.text = _details(finding)
    return case


def _details(finding: Finding) -> str:
    """What the views of CI servers show when a test is opened."""
    text = [place(finding.location) if finding.location else exact(finding.input)]
    text += proofs(Problem(finding, (finding.address,)))
    if finding.status == "fail":
        text += ["Fix:", *lines(finding.rule.fix)]
    return "\n".join(text)


def _error(item: Diagnostic) -> ET.Element:
    where = place(item.location) if item.location else "scan"
    case = ET.Element("testcase", classname="iacscan", name=where)
    ET.SubElement(case, "error", message=sentence(item.message), type="error")
    return case
