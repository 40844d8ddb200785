from claims.files.refusals import SENTENCES, FileProblem
from messaging.correspondence.causes import WORDS, Cause, cause_words


def test_every_cause_has_its_sentence():
    assert set(WORDS) == set(Cause)
    assert all(cause_words(cause).endswith(".") for cause in Cause)
    assert cause_words("") == ""


def test_every_problem_of_a_file_has_its_sentence():
    assert set(SENTENCES) == set(FileProblem)
