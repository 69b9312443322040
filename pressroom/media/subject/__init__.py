"""Where the subject of a picture is: what the user says, faces, what the eye goes to."""
